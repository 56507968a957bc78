/// From a Gateway to the objects that run its waypoint.
///
/// [WaypointObjects] builds ServiceAccount, Deployment and Service of a waypoint, [WaypointGateway]
/// the Gateway itself as `kirictl waypoint` writes it; both are pure. [Provisioning] says which
/// objects there have to be and which are left over; [Provisioner] writes.
@NullMarked
package dev.kiri.controlplane.provision;

import org.jspecify.annotations.NullMarked;
