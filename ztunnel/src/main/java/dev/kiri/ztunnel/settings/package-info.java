/// What a ztunnel is told by its environment, under upstream's names and with upstream's defaults.
///
/// [ZtunnelSettings#from] is the only place that knows a variable's name.
@NullMarked
package dev.kiri.ztunnel.settings;

import org.jspecify.annotations.NullMarked;
