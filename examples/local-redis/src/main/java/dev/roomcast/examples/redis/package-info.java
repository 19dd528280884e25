/** A Redis server on this machine, as a child process. */
@NullMarked
package dev.roomcast.examples.redis;

import org.jspecify.annotations.NullMarked;
