@NullMarked
package dev.kiri.hbone.bridge;

import org.jspecify.annotations.NullMarked;
