//! Where widgets stand: a grid of twelve columns. One that is moved or resized makes the others give way,
//! and then all fall up as far as there is room, so that nothing overlaps and nothing is lost.

use crate::model::order::sort_by_key;

pub const COLUMNS: u16 = 12;
/// In rows of the grid.
pub const HIGHEST: u16 = 60;
const DEEPEST: u16 = 10_000;

/// Place and size, in columns and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    pub x: u16,
    pub y: u16,
    pub w: u16,
    pub h: u16,
}

impl Spot {
    /// The nearest that stays on the grid.
    pub fn within(x: u16, y: u16, w: u16, h: u16) -> Self {
        let w = w.clamp(1, COLUMNS);
        Spot { x: x.min(COLUMNS - w), y: y.min(DEEPEST), w, h: h.clamp(1, HIGHEST) }
    }

    fn overlaps(self, other: Spot) -> bool {
        self.x < other.x + other.w
            && other.x < self.x + self.w
            && self.y < other.y + other.h
            && other.y < self.y + self.h
    }

    fn bottom(self) -> u16 {
        self.y + self.h
    }
}

/// All of them once one stands elsewhere; in the order they came.
pub fn moved(all: &[Spot], at: usize, to: Spot) -> Vec<Spot> {
    let to = Spot::within(to.x, to.y, to.w, to.h);
    let mut order: Vec<usize> = (0..all.len()).filter(|it| *it != at).collect();
    sort_by_key(&mut order, |it| (all[*it].y, all[*it].x));
    // It stands before those that begin below it, and before those whose upper half it lies on.
    let gives_way = |it: &usize| {
        let other = all[*it];
        let middle = other.y + other.h / 2;
        other.y >= to.y || (other.overlaps(to) && to.y <= middle)
    };
    let place = order.iter().position(gives_way).unwrap_or(order.len());
    order.insert(place, at);
    let mut spots = all.to_vec();
    spots[at] = to;
    settled_in(&mut spots, &order);
    spots
}

/// All fall up.
pub fn settled(all: &[Spot]) -> Vec<Spot> {
    let mut order: Vec<usize> = (0..all.len()).collect();
    sort_by_key(&mut order, |it| (all[*it].y, all[*it].x));
    let mut spots = all.to_vec();
    settled_in(&mut spots, &order);
    spots
}

/// Those of an order fall up one after the other, as if there were no others.
pub fn settled_in(spots: &mut [Spot], order: &[usize]) {
    let mut placed: Vec<Spot> = Vec::new();
    for at in order {
        let spot = &mut spots[*at];
        // As high as it can fall without passing another: below the lowest of those in its columns.
        let is_in_way = |it: &&Spot| it.x < spot.x + spot.w && spot.x < it.x + it.w;
        spot.y = placed.iter().filter(is_in_way).map(|it| it.bottom()).max().unwrap_or(0);
        placed.push(*spot);
    }
}

/// The first place with room for it.
pub fn free(taken: &[Spot], w: u16, h: u16) -> Spot {
    let deepest = taken.iter().map(|it| it.bottom()).max().unwrap_or(0);
    let rows = (0..=deepest).flat_map(|y| (0..=COLUMNS - w.clamp(1, COLUMNS)).map(move |x| (x, y)));
    let mut spots = rows.map(|(x, y)| Spot::within(x, y, w, h));
    spots.find(|it| taken.iter().all(|held| !held.overlaps(*it))).unwrap_or(Spot::within(0, deepest, w, h))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(x: u16, y: u16, w: u16, h: u16) -> Spot {
        Spot { x, y, w, h }
    }

    #[track_caller]
    fn check(all: &[Spot]) {
        for (i, a) in all.iter().enumerate() {
            assert!(a.x + a.w <= COLUMNS && a.w > 0 && a.h > 0, "{all:?}");
            assert!(all[i + 1..].iter().all(|b| !a.overlaps(*b)), "{all:?}");
        }
    }

    #[test]
    fn others_make_room_and_fall_up() {
        let all = [spot(0, 0, 6, 4), spot(6, 0, 6, 4), spot(0, 4, 12, 4)];
        // The wide one to the top: both others go below it.
        assert_eq!(moved(&all, 2, spot(0, 0, 12, 4)), [spot(0, 4, 6, 4), spot(6, 4, 6, 4), spot(0, 0, 12, 4)]);
        // The first to the bottom: the wide one can't rise, the second stands in its way.
        assert_eq!(moved(&all, 0, spot(0, 9, 6, 4)), [spot(0, 8, 6, 4), spot(6, 0, 6, 4), spot(0, 4, 12, 4)]);
        // Two change places.
        assert_eq!(moved(&all, 0, spot(6, 0, 6, 4)), [spot(6, 0, 6, 4), spot(6, 4, 6, 4), spot(0, 8, 12, 4)]);
        // Nothing is left in the air.
        assert_eq!(settled(&[spot(3, 40, 2, 2)]), [spot(3, 0, 2, 2)]);
    }

    #[test]
    fn a_place_is_found_between_others() {
        assert_eq!(free(&[spot(0, 0, 4, 4), spot(8, 0, 4, 4)], 4, 2), spot(4, 0, 4, 2));
        assert_eq!(free(&[spot(0, 0, 12, 4)], 6, 2), spot(0, 4, 6, 2));
        assert_eq!(free(&[], 30, 200), spot(0, 0, 12, HIGHEST));
    }

    #[test]
    fn whatever_is_moved_nothing_overlaps() {
        let mut seed = 7u32;
        let mut next = |n: u16| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            u16::try_from(seed >> 17).unwrap_or(0) % n
        };
        let mut all: Vec<Spot> = Vec::new();
        for _ in 0..30 {
            let it = free(&all, 1 + next(12), 1 + next(9));
            all.push(it);
        }
        for _ in 0..2_000 {
            let at = usize::from(next(30));
            let to = Spot { x: next(40), y: next(90), w: next(20), h: next(90) };
            all = moved(&all, at, to);
            check(&all);
        }
    }
}
