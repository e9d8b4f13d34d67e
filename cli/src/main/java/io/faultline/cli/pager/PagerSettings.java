package io.faultline.cli.pager;

import io.faultline.cli.compression.CompressedMemory;
import io.faultline.cli.options.HostPort;
import io.faultline.paging.PagerOptions;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the user wants of a pager.
 *
 * @param socket where it listens
 * @param store the default file; null for none
 * @param root below which clients may name files; null for none
 * @param memory a store in memory; null for none
 * @param options of the pager
 * @param maxClients how many connections it serves at once
 * @param grace how long clients may stay after a signal
 * @param metrics where meters are served; null for nowhere
 * @param state the directory for its status file and control socket
 */
record PagerSettings(
    Path socket,
    @Nullable Path store,
    @Nullable Path root,
    @Nullable CompressedMemory memory,
    PagerOptions options,
    int maxClients,
    Duration grace,
    @Nullable HostPort metrics,
    Path state) {}
