/// The words that every part of an HBONE tunnel speaks: a stream, what its owner hears, how it
/// ends.
///
/// Entry types: [dev.kiri.hbone.HboneStream] and [dev.kiri.hbone.StreamHandler]. A program that
/// opens streams starts at `client` or `pool`, one that accepts them at `server`. Everything about
/// one stream happens on its event loop.
@NullMarked
package dev.kiri.hbone;

import org.jspecify.annotations.NullMarked;
