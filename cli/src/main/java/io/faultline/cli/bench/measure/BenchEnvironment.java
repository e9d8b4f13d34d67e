package io.faultline.cli.bench.measure;

import io.faultline.uffd.Kernel;
import java.nio.file.Path;

/**
 * What all cases of a run share.
 *
 * @param hugePages huge pages for all cases
 * @param scratch a directory for the files of nodes
 * @param seed seed of the first round; each round adds 1
 * @param quick whether VMs run only briefly before and after the migration
 */
public record BenchEnvironment(
    Kernel kernel, WarmHugePages hugePages, Path scratch, long seed, boolean quick) {}
