@NullMarked
package dev.kiri.hbone.connect;

import org.jspecify.annotations.NullMarked;
