/// Answers what a user's YAML says: objects with their place in a file, and everything wrong with
/// them in words that name file, document, field, what was found and what is accepted.
///
/// Entry types: `ManifestReader` (files to documents), `Manifests` (documents to checked objects).
/// The checks are pure and report all problems, not the first.
@NullMarked
package dev.kiri.local.manifest;

import org.jspecify.annotations.NullMarked;
