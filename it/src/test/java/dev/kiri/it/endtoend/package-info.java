/// Runs the whole product as its users do, through the launcher, and looks at what they would see.
@NullMarked
package dev.kiri.it.endtoend;

import org.jspecify.annotations.NullMarked;
