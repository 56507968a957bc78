package dev.kiri.waypoint.upstream;

import dev.kiri.mesh.workload.ServiceKey;

/// Endpoints that are chosen among.
///
/// @param subset empty: all
record Group(ServiceKey service, int port, String subset) {
  static Group of(Destined to) {
    return new Group(to.service(), to.port(), to.subset());
  }
}
