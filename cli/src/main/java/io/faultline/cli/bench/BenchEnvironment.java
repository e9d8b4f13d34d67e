package io.faultline.cli.bench;

import io.faultline.uffd.Kernel;
import java.nio.file.Path;

/**
 * Where cases run.
 *
 * @param hugePages those of all cases
 * @param scratch a directory for files of nodes
 * @param seed of the first round; each round adds one
 * @param quick whether VMs only run for a moment ahead of the migration and behind it
 */
record BenchEnvironment(
    Kernel kernel, HugePool hugePages, Path scratch, long seed, boolean quick) {}
