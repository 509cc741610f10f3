//! Text and places in it: what a file says, and where a key path stands in it.
//!
//! Nothing here knows what a key means. Rules speak in [`KeyPath`]s; a
//! [`View`] turns them into [`Place`]s only when a finding has to be shown, so
//! a profile without findings never pays for positions.

mod credentials;
mod edit;
mod literal;
mod nearest;
mod outline;
mod path;
mod percent;
mod text;
mod view;

pub use credentials::{credentials, webhooks};
pub use edit::{Change, Draft, Splice, apply, apply_all, spliced};
pub use literal::Literal;
pub use nearest::{Glance, is_slip, nearest, nearest_seen};
pub use outline::{Headed, Here, Outline, Spot, What, here};
pub use path::{KeyPath, Segment};
pub use percent::percent_decoded;
pub use text::{EditorPosition, Position, Source, Span, is_obeyed, portable};
pub use view::{Place, Provenance, Table, View};
