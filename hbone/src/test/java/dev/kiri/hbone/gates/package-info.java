/// What streams and bytes may cost, in bytes of memory and garbage: a limit for each figure,
/// measured in every build. Time is measured by `./kiri bench hbone`.
@NullMarked
package dev.kiri.hbone.gates;

import org.jspecify.annotations.NullMarked;
