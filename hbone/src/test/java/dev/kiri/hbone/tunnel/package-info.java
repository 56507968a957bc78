@NullMarked
package dev.kiri.hbone.tunnel;

import org.jspecify.annotations.NullMarked;
