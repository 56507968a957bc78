@NullMarked
package dev.kiri.hbone.blocking;

import org.jspecify.annotations.NullMarked;
