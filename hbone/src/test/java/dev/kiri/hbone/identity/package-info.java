@NullMarked
package dev.kiri.hbone.identity;

import org.jspecify.annotations.NullMarked;
