@NullMarked
package dev.kiri.hbone.tls;

import org.jspecify.annotations.NullMarked;
