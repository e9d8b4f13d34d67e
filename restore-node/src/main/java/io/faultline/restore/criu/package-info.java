/** CRIU's front end: the socket between {@code criu restore --lazy-pages} and the daemon. */
@NullMarked
package io.faultline.restore.criu;

import org.jspecify.annotations.NullMarked;
