@NullMarked
package dev.kiri.hbone.nested;

import org.jspecify.annotations.NullMarked;
