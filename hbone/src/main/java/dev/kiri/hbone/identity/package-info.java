/// Who a workload is: SPIFFE identities, trust domains and the certificate that proves them.
///
/// Values only, no I/O; all types are immutable. The format is the one of upstream's
/// `src/identity/manager.rs`: three fields, compared exactly.
@NullMarked
package dev.kiri.hbone.identity;

import org.jspecify.annotations.NullMarked;
