//! The declarations that everything about a section comes from.

/// Declares a section of a profile: its type, its reader, its schema, and what the vocabulary says of it.
///
/// A key is `required`, `absent` (optional, without a default that could be
/// written down), has a `default(…)`, or is a `section` whose own defaults count
/// where it is absent. What has an order may have bounds, `default(…) within BOUNDS`. The doc comments are what the schema, docs/reference.md and an editor show.
macro_rules! section {
    (
        $(#[doc = $doc:literal])+
        pub struct $name:ident {
            $(
                $(#[doc = $field_doc:literal])+
                $field:ident: $type:ty = $kind:ident $(($default:expr))? $(within $bounds:ident)?,
            )*
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, serde::Serialize)]
        pub struct $name {
            $(
                $(#[doc = $field_doc])+
                pub $field: $crate::profile::section::section!(@type $kind $type),
            )*
        }

        impl $crate::profile::Read for $name {
            const KIND: $crate::profile::vocabulary::Kind = $crate::profile::vocabulary::Kind::Section(
                &$crate::profile::vocabulary::Section {
                    doc: concat!($($doc, "\n"),+),
                    keys: &[$($crate::profile::vocabulary::Key {
                        name: stringify!($field),
                        doc: concat!($($field_doc, "\n"),+),
                        kind: &$crate::profile::section::section!(@kind <$type as $crate::profile::Read>::KIND $(, $bounds)?),
                        bounds: $crate::profile::section::section!(@bounds $($bounds)?),
                        absent: $crate::profile::section::section!(@absent $kind $($default)?),
                    }),*],
                },
            );

            fn read<'a>(view: $crate::source::View<'a>, reader: &mut $crate::profile::Reader<'a>) -> Option<Self> {
                let table = reader.table(view)?;
                Self::read_table(table, view.span(), reader)
            }
        }

        impl $name {
            /// Reads the section from its table; `header` is where a missing
            /// key is reported.
            pub(crate) fn read_table<'a>(
                table: $crate::source::Table<'a>,
                #[allow(unused_variables, reason = "only a section with required keys reports at its header")]
                header: $crate::source::Span,
                reader: &mut $crate::profile::Reader<'a>,
            ) -> Option<Self> {
                $(let mut $field = None;)*
                for (key, span, view) in reader.entries(table) {
                    match key {
                        $(stringify!($field) => {
                            $field = $crate::profile::section::section!(@value $type, reader, key, view $(, $bounds)?);
                        })*
                        unknown => reader.unknown_key(unknown, span, view, &<Self as $crate::profile::Read>::KIND),
                    }
                }
                // All are read before any is unwrapped: everything wrong is told at once.
                $(let $field = $crate::profile::section::section!(
                    @read $kind $type, $field, reader, table, header, stringify!($field) $(, $default)?
                );)*
                Some(Self { $($field: $crate::profile::section::section!(@unwrap $kind $field),)* })
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                #[allow(unused_mut)]
                let mut object = $crate::profile::described::Object::new(concat!($($doc, "\n"),+));
                $(object.$kind(
                    stringify!($field),
                    concat!($($field_doc, "\n"),+),
                    $crate::profile::described::within(
                        generator.subschema_for::<$type>(),
                        &<$type as $crate::profile::Read>::KIND,
                        $crate::profile::section::section!(@bounds $($bounds)?),
                    ),
                    $(serde_json::to_value(&$default).ok())?
                );)*
                object.into_schema()
            }
        }
    };

    (@kind $kind:expr) => { $kind };
    (@kind $kind:expr, $bounds:ident) => { $kind.within(&$bounds) };
    (@bounds) => { None };
    (@bounds $bounds:ident) => { Some(&$bounds) };
    (@value $type:ty, $reader:ident, $key:ident, $view:ident) => { $reader.value::<$type>($key, $view) };
    (@value $type:ty, $reader:ident, $key:ident, $view:ident, $bounds:ident) => {
        $reader.bounded::<$type>($key, $view, &$bounds)
    };

    (@type required $type:ty) => { $type };
    (@type default $type:ty) => { $type };
    (@type section $type:ty) => { $type };
    (@type absent $type:ty) => { Option<$type> };

    (@read required $type:ty, $field:ident, $reader:ident, $table:ident, $header:ident, $key:expr) => {
        $field.or_else(|| $reader.missing($table, $key, $header))
    };
    (@read absent $type:ty, $field:ident, $reader:ident, $table:ident, $header:ident, $key:expr) => {
        $field
    };
    (@read default $type:ty, $field:ident, $reader:ident, $table:ident, $header:ident, $key:expr, $default:expr) => {
        $field.unwrap_or_else(|| $default)
    };
    (@read section $type:ty, $field:ident, $reader:ident, $table:ident, $header:ident, $key:expr) => {
        $field.or_else(|| $reader.absent(|reader| <$type>::read_table($crate::source::Table::EMPTY, $header, reader)))
    };

    (@absent required) => { $crate::profile::vocabulary::Absent::Required };
    (@absent absent) => { $crate::profile::vocabulary::Absent::Nothing };
    (@absent section) => { $crate::profile::vocabulary::Absent::Section };
    (@absent default $default:expr) => {
        $crate::profile::vocabulary::Absent::Default(|| serde_json::json!($default))
    };

    (@unwrap required $field:ident) => { $field? };
    (@unwrap section $field:ident) => { $field? };
    (@unwrap absent $field:ident) => { $field };
    (@unwrap default $field:ident) => { $field };
}

pub(crate) use section;
