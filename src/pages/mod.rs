//! One file per route.

pub mod route;
