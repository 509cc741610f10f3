//! Parts of a text that stood in it before.

/// The shortest repeat that is looked for.
const LEAST: usize = 3;
/// How many earlier places are compared at most.
const PLACES: usize = 8;
/// How many slots the first characters of repeats are sorted into.
const SLOTS: usize = 256;
/// No place.
const NOWHERE: u16 = u16::MAX;

/// Where the characters of a text stood last.
pub(super) struct Repeats {
    last: [u16; SLOTS],
    /// For each position, the one before it whose characters fell into the same slot.
    before: Vec<u16>,
}

impl Repeats {
    /// For a text of this length.
    pub(super) fn new(length: usize) -> Self {
        Self { last: [NOWHERE; SLOTS], before: Vec::with_capacity(length) }
    }

    /// The length of the longest part that begins at a position and stood in the text before. To be asked for every
    /// position, in order.
    #[expect(clippy::cast_possible_truncation, reason = "texts are capped far below 2^16 characters")]
    pub(super) fn at(&mut self, text: &[u8], at: usize) -> Option<usize> {
        let rest = &text[at..];
        let [one, two, three, ..] = *rest else { return None };
        let hash = usize::from(one) ^ (usize::from(two) << 2) ^ (usize::from(three) << 4);
        let slot = &mut self.last[hash % SLOTS];
        self.before.push(std::mem::replace(slot, at as u16));
        if self.before[at] == NOWHERE {
            return None;
        }
        let places =
            std::iter::successors(Some(self.before[at]), |place| self.before.get(usize::from(*place)).copied());
        let lengths = places.take_while(|place| *place != NOWHERE).take(PLACES).map(|place| {
            let earlier = &text[usize::from(place)..];
            earlier.iter().zip(rest).take_while(|(one, other)| one == other).count()
        });
        lengths.max().filter(|length| *length >= LEAST)
    }
}
