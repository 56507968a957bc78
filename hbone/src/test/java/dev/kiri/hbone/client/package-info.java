@NullMarked
package dev.kiri.hbone.client;

import org.jspecify.annotations.NullMarked;
