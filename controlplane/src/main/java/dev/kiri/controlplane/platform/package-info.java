/// What a control plane stands on: a [Platform], which is a folder here and a cluster elsewhere.
@NullMarked
package dev.kiri.controlplane.platform;

import org.jspecify.annotations.NullMarked;
