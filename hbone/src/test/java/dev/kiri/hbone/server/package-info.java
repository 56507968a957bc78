@NullMarked
package dev.kiri.hbone.server;

import org.jspecify.annotations.NullMarked;
