/**
 * Snapshots of VMs: {@link io.faultline.cli.snapshot.SnapshotCommand} saves a VM that runs, {@link
 * io.faultline.cli.snapshot.RestoreCommand} runs the VM of one while its memory follows.
 */
@NullMarked
package io.faultline.cli.snapshot;

import org.jspecify.annotations.NullMarked;
