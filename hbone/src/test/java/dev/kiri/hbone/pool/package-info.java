@NullMarked
package dev.kiri.hbone.pool;

import org.jspecify.annotations.NullMarked;
