package io.faultline.dest;

import io.faultline.uffd.Pagemap;
import io.faultline.uffd.Userfaultfd;

/**
 * What a snapshot gets while memory arrives.
 *
 * @param userfaultfd lent until it is closed: protects only pages that are there, and reads only
 *     write faults
 * @param pagemap of the process that has the guest mappings; open until then
 */
public record LentMemory(Userfaultfd userfaultfd, Pagemap pagemap) {}
