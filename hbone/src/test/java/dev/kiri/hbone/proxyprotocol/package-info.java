@NullMarked
package dev.kiri.hbone.proxyprotocol;

import org.jspecify.annotations.NullMarked;
