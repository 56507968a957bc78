/// Dialling into a mesh from any program.
///
/// Entry type: [dev.kiri.hbone.client.HboneClient]; it owns a pool and its event loops.
@NullMarked
package dev.kiri.hbone.client;

import org.jspecify.annotations.NullMarked;
