/**
 * Snapshots of VMs that could migrate: {@link io.faultline.source.snapshot.SnapshotOfVm} shows an
 * {@link io.faultline.source.OutgoingVm} to {@link io.faultline.snapshot.BackgroundSnapshot}.
 * {@link io.faultline.source.snapshot.SavedVm} is the VM of a snapshot file: to migrate it is to
 * restore it. Its pages come from {@code SnapshotPages} (each thread has its {@code LayerReaders});
 * those of the working set first ({@code ExpectedPages}), which {@code ReadAhead} reads into the
 * page cache. {@link io.faultline.source.snapshot.WireCodecs}: the codecs of compressed snapshots;
 * {@link io.faultline.source.snapshot.PageBlockCodec} adapts one.
 */
@NullMarked
package io.faultline.source.snapshot;

import org.jspecify.annotations.NullMarked;
