@NullMarked
package dev.kiri.hbone.conformance;

import org.jspecify.annotations.NullMarked;
