/// Answers what an image name means on a machine without images: a table of built-ins, and for all
/// others the command that the manifest must give.
///
/// Entry types: `Images` (pure table) and `Programs` (where Kiri's own programs are on this
/// machine).
@NullMarked
package dev.kiri.local.image;

import org.jspecify.annotations.NullMarked;
