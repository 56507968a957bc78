/// Answers how figures reach whoever asked for them: as a table or as JSON, with the machine they
/// are of.
@NullMarked
package dev.kiri.bench.output;

import org.jspecify.annotations.NullMarked;
