/// Texts that lie beside classes.
@NullMarked
package dev.kiri.bench.resource;

import org.jspecify.annotations.NullMarked;
