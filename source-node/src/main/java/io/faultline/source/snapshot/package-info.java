/**
 * Snapshots of VMs that could migrate: {@link io.faultline.source.snapshot.SnapshotOfVm} shows an
 * {@link io.faultline.source.OutgoingVm} to {@link io.faultline.snapshot.BackgroundSnapshot}.
 */
@NullMarked
package io.faultline.source.snapshot;

import org.jspecify.annotations.NullMarked;
