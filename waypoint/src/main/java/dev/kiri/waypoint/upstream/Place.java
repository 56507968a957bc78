package dev.kiri.waypoint.upstream;

import dev.kiri.mesh.workload.Locality;

/// Where something runs, as endpoints are preferred by.
record Place(Locality locality, String node, String cluster, String network) {}
