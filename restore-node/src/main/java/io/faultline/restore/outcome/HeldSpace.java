package io.faultline.restore.outcome;

import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.linux.MessageMemory;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A space that an earlier daemon has filled in part.
 *
 * @param pid of its process in the images; for a forked child, of the task that it descends from
 * @param descriptor its userfaultfd, which the receiver owns
 * @param memory for its messages
 * @param events all changes since it was restored; faults do not matter
 * @param pagemap the page table of its process, which the receiver owns; null if the process is not
 *     known, as that of a forked child
 */
public record HeldSpace(
    int pid,
    int descriptor,
    MessageMemory memory,
    List<EventBuffer> events,
    @Nullable Pagemap pagemap) {}
