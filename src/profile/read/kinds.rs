//! How numbers, truth values, lists, tables of entries and texts are read.

use std::collections::BTreeMap;
use std::num::{NonZeroU16, NonZeroU32};

use super::{Read, Reader, Step};
use crate::profile::bounds::Amount;
use crate::profile::kind::{Kind, TextKind};
use crate::profile::text::Text;
use crate::source::View;

impl Read for bool {
    const KIND: Kind = Kind::Boolean;

    fn read<'a>(view: View<'a>, reader: &mut Reader<'a>) -> Option<Self> {
        let value = view.value().as_bool();
        if value.is_none() {
            reader.wrong_type(view, "a boolean", "`true` or `false`, without quotes");
        }
        value
    }
}

macro_rules! integers {
    ($($type:ty: $least:literal..=$most:expr, $make:expr, $amount:expr;)*) => {$(
        impl Read for $type {
            const KIND: Kind = Kind::Integer { least: $least, most: $most as u64 };

            fn read<'a>(view: View<'a>, reader: &mut Reader<'a>) -> Option<Self> {
                reader.integer(view, $least, u64::from($most)).and_then($make)
            }
        }

        impl Amount for $type {
            fn amount(&self) -> u64 {
                u64::from($amount(*self))
            }
        }
    )*};
}

integers! {
    u16: 0..=Self::MAX, |number| Self::try_from(number).ok(), std::convert::identity;
    u32: 0..=Self::MAX, |number| Self::try_from(number).ok(), std::convert::identity;
    NonZeroU16: 1..=u16::MAX, |number| u16::try_from(number).ok().and_then(Self::new), Self::get;
    NonZeroU32: 1..=u32::MAX, |number| u32::try_from(number).ok().and_then(Self::new), Self::get;
}

impl<T: Read> Read for Vec<T> {
    const KIND: Kind = Kind::List(&T::KIND);

    fn read<'a>(view: View<'a>, reader: &mut Reader<'a>) -> Option<Self> {
        let Some(elements) = view.elements() else {
            reader.wrong_type(view, "an array", "a list in `[ ]`");
            return None;
        };
        let mut values = Self::with_capacity(elements.len());
        for (index, element) in elements.enumerate() {
            reader.path.push(Step::Index(index));
            values.extend(reader.whole(element));
            reader.path.pop();
        }
        Some(values)
    }
}

/// Entries by name. The name is checked like any other text.
impl<K: Text + Ord, V: Read> Read for BTreeMap<K, V> {
    const KIND: Kind = Kind::Entries { name: TextKind::of::<K>(), each: &V::KIND };

    fn read<'a>(view: View<'a>, reader: &mut Reader<'a>) -> Option<Self> {
        let table = reader.table(view)?;
        let mut entries = Self::new();
        for (key, span, view) in reader.entries(table) {
            match K::parse(key) {
                Ok(name) => {
                    if let Some(value) = reader.value(key, view) {
                        entries.insert(name, value);
                    }
                }
                Err(refusal) => {
                    reader.path.push(Step::Key(key));
                    reader.refuse(span, refusal);
                    reader.path.pop();
                }
            }
        }
        Some(entries)
    }
}

impl<T: Text> Read for T {
    const KIND: Kind = Kind::Text(TextKind::of::<T>());

    fn read<'a>(view: View<'a>, reader: &mut Reader<'a>) -> Option<Self> {
        reader.text(view)
    }
}
