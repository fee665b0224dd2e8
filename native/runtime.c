// SPDX-License-Identifier: Apache-2.0
/*
 * `podstamp ps` of one runtime that speaks CRI: the calls that src/cli/node makes, all on one connection.
 */
#define _GNU_SOURCE
#include <string.h>
#include <unistd.h>

#include "podstamp.h"
#include "listing.h"

enum {
	PATIENCE_MS = 2000,
	NAMESPACES_MAX = 8 /* of containerd, beside Kubernetes' */
};

/* Whether containerd's other namespaces, of which podstamp tells too, have no container: Docker's is Docker's to tell
 * of. */
static bool are_others_empty(struct connection *connection, const struct call *namespaces)
{
	struct call lists[NAMESPACES_MAX] = { 0 };
	struct bytes rest = namespaces->message, item;
	size_t count, others = 0;

	if (namespaces->status == UNIMPLEMENTED)
		return true;
	if (namespaces->status != OK || !count_items(rest, &count))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct bytes name = { "", 0 };
		const struct place places[] = { { 1, &name, NULL } };

		if (!next_item(&rest, &item) || !READ_PLACES(item, places) || !is_plain(name) ||
		    others == NAMESPACES_MAX)
			return false;
		if (is(name, "k8s.io") || is(name, "moby"))
			continue;
		lists[others].path = "/containerd.services.containers.v1.Containers/List";
		lists[others].namespace = strndup(name.at, name.len);
		if (!lists[others++].namespace)
			return false;
	}
	if (!make_calls(connection, lists, others))
		return false;
	for (size_t i = 0; i < others; i++)
		if (lists[i].status != OK || lists[i].message.len > 0)
			return false;
	return true;
}

static bool is_answered(struct connection *connection, const struct call *calls)
{
	struct bytes name = { "", 0 };
	const struct place places[] = { { 2, &name, NULL } };

	for (size_t i = 0; i < 3; i++)
		if (calls[i].status != OK)
			return false;
	if (!READ_PLACES(calls[0].message, places))
		return false;
	return !is(name, "containerd") || are_others_empty(connection, &calls[3]);
}

/* Where the list says only by its ID which image it is, as under most kubelets, the images are listed too. */
static bool name_all(struct connection *connection, struct listing *listing)
{
	struct call images = { .path = "/runtime.v1.ImageService/ListImages" };
	bool all_named;

	if (!name_images(listing, &all_named))
		return false;
	return all_named ||
	       (make_calls(connection, &images, 1) && images.status == OK && find_images(listing, images.message));
}

enum outcome ask_runtime(const struct question *question, const struct options *options, const char *path,
			 struct answer *answer)
{
	struct call calls[] = {
		{ .path = "/runtime.v1.RuntimeService/Version", .request = { "\x0a\x02v1", 4 } },
		{ .path = "/runtime.v1.RuntimeService/ListContainers" },
		{ .path = "/runtime.v1.RuntimeService/ListPodSandbox" },
		{ .path = "/containerd.services.namespaces.v1.Namespaces/List" },
	};
	struct connection connection;
	struct listing listing = { 0 };
	bool is_done;

	is_done = open_connection(&connection, path, now_ms() + PATIENCE_MS) && make_calls(&connection, calls, 4) &&
		  is_answered(&connection, calls) && read_listing(calls[1].message, calls[2].message, &listing);
	if (is_done) {
		select_containers(&listing, options->is_all);
		is_done = options->is_quiet || name_all(&connection, &listing);
	}
	if (connection.fd >= 0)
		close(connection.fd);
	if (!is_done)
		return DOUBT;
	is_done = options->is_quiet ? print_ids(&listing, &answer->out)
				    : print_containers(&listing, options, question->columns, &answer->out);
	return is_done ? ANSWERED : DOUBT;
}
