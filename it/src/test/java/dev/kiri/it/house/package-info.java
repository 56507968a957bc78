/// The rules of the house, kept by tests: which module may know which, what packages are called,
/// how long a file may be. Each test names a rule; a failure names the place that breaks it.
///
/// [SourceTree] is what is written here, and [Compiled] what became of it; generated code is in
/// neither.
@NullMarked
package dev.kiri.it.house;

import org.jspecify.annotations.NullMarked;
