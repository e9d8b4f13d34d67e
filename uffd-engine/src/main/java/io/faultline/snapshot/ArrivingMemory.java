package io.faultline.snapshot;

import io.faultline.snapshot.file.SnapshotFile;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.Userfaultfd;

/**
 * The memory of a VM that is being restored: pages that are not there yet are those of a snapshot
 * file, the base of the next snapshot.
 *
 * <p>It is registered with the userfaultfd of the restore, and a range can have only one: so that
 * is lent. From its loan on a page that arrives is write-protected, and the restore does not end.
 *
 * @param userfaultfd lent until it is closed: {@link Userfaultfd#register} adds write protection,
 *     {@link Userfaultfd#writeProtect} protects only what is there, {@link Userfaultfd#unregister}
 *     removes protection and leaves the restore's registration, {@link Userfaultfd#read} has write
 *     faults only
 * @param pagemap of the process that has the guest mappings; open as long as the userfaultfd is
 *     lent
 * @param base has the pages that are missing
 */
public record ArrivingMemory(Userfaultfd userfaultfd, Pagemap pagemap, SnapshotFile base) {}
