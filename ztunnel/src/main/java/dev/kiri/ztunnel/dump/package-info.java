/// `/config_dump`: everything a ztunnel knows, in upstream's JSON.
///
/// [ConfigDump] writes while it reads one snapshot, so a large mesh is never held twice. Shapes,
/// key names and order are upstream's (istio/ztunnel `src/admin.rs` and the serialised types),
/// because `istioctl` and others parse them.
@NullMarked
package dev.kiri.ztunnel.dump;

import org.jspecify.annotations.NullMarked;
