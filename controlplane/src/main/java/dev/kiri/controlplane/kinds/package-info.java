/// What the objects are: one typed record a kind, read from a document tree and checked on the way.
///
/// [Decoder] turns a tree into a [Decoded]: accepted with warnings, refused with problems, or left
/// aside. Every [Problem] names file, document, field path, what was found and what is accepted.
/// Nothing here knows where a document came from; a folder and an API server give the same trees.
/// All types are immutable.
@NullMarked
package dev.kiri.controlplane.kinds;

import org.jspecify.annotations.NullMarked;
