package io.faultline.source;

import java.net.InetSocketAddress;

/**
 * Where and how to migrate.
 *
 * @param destination the address of the destination
 */
public record SourceSettings(InetSocketAddress destination) {}
