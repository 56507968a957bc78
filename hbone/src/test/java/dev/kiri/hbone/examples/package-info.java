/// The two programs of the library's README, run by a test as they are.
@NullMarked
package dev.kiri.hbone.examples;

import org.jspecify.annotations.NullMarked;
