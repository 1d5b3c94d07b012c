"""A JupyterHub for one class on one machine: docs/jupyterhub.md says how it is installed.

    student ---> /user/ada/                       a server of their own
    instructor > /user/instructor/formgrader      one grader: the course lies in that home folder
    instructor > /services/layer-by-layer/        several: a server of the course's own, which runs
    ta --------> /services/layer-by-layer/        as COURSE_ACCOUNT and belongs to nobody

Change the settings, which end at the line. What stands below it follows from them.
"""

COURSE = "layer-by-layer"
"""c.CourseDirectory.course_id; the course's server is called so, too."""
INSTRUCTORS = {"instructor"}
STUDENTS = {"ada", "bob"}
"""Names of accounts of this machine. Nobody else is let in."""
COURSE_ACCOUNT = ""
"""With several graders, the account to which the course belongs. With one, leave it empty."""
COURSE_HOME = f"/home/{COURSE_ACCOUNT}"
COURSE_FOLDER = f"{COURSE_HOME}/layer-by-layer"
"""With several graders: the account's home, and in it the folder that `grader new` has made."""
COURSE_ADDRESS = "http://127.0.0.1:9999"
"""With several graders: where the hub reaches the course's server. The port must be free."""
PYTHON = "/opt/layers"
"""The students' environment."""
GRADING = "/opt/layers-grading/.venv"
"""The graders' environment, which students cannot read."""
ETC = "/etc/jupyter"
"""Where deploy/etc was copied to."""
PROXY = "/opt/hub/node_modules/.bin/configurable-http-proxy"

# ------------------------------------------------------------------------------------------------

c = get_config()  # noqa: F821  given by traitlets

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
GRADERS_GROUP, STUDENTS_GROUP = f"formgrade-{COURSE}", f"nbgrader-{COURSE}"
GRADING_LAB = [f"{GRADING}/bin/jupyterhub-singleuser"]
# What deploy/etc hides from everybody's JupyterLab, its folder `instructors` shows again.
GRADING_ENVIRONMENT = {
    "PATH": f"{GRADING}/bin:{SYSTEM_PATH}",
    "JUPYTER_CONFIG_PATH": f"{ETC}/instructors:{ETC}",
}

c.Authenticator.allowed_users = INSTRUCTORS | STUDENTS
c.JupyterHub.load_groups = {
    GRADERS_GROUP: {"users": sorted(INSTRUCTORS)},
    STUDENTS_GROUP: {"users": sorted(STUDENTS)},
}
c.ConfigurableHTTPProxy.command = [PROXY]

c.Spawner.cmd = [f"{PYTHON}/bin/jupyterhub-singleuser"]
c.Spawner.default_url = "/lab"
# On a busy machine a server took 45 seconds to start.
c.Spawner.start_timeout = c.Spawner.http_timeout = 120
c.Spawner.environment = {"PATH": f"{PYTHON}/bin:{SYSTEM_PATH}", "JUPYTER_CONFIG_PATH": ETC}
c.Spawner.group_overrides = {
    "instructors": {
        "groups": [GRADERS_GROUP],
        "spawner_override": {"cmd": GRADING_LAB, "environment": GRADING_ENVIRONMENT},
    }
}

if COURSE_ACCOUNT:
    c.JupyterHub.services = [
        {
            "name": COURSE,
            "url": COURSE_ADDRESS,
            "user": COURSE_ACCOUNT,
            "cwd": COURSE_FOLDER,
            "command": GRADING_LAB,
            "oauth_no_confirm": True,
            "environment": GRADING_ENVIRONMENT
            | {"HOME": COURSE_HOME, "USER": COURSE_ACCOUNT, "JUPYTERHUB_DEFAULT_URL": "/lab"},
        }
    ]
    scopes = [
        f"access:services!service={COURSE}",
        f"read:services!service={COURSE}",
        "list:services",
    ]
    c.JupyterHub.load_roles = [
        {"name": GRADERS_GROUP, "groups": [GRADERS_GROUP], "scopes": scopes},
        # Course List asks the hub with the rights of the server, which are never more than those of
        # the user to whom it belongs: a student's server gets none of these.
        {"name": "server", "scopes": ["users:activity!user", "access:servers!server", *scopes]},
    ]
