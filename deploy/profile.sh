# /etc/profile.d/layer-by-layer.sh: a terminal is a login shell, which sets PATH anew.
# Graders can enter the second folder, students cannot.
for folder in /opt/layers/bin /opt/layers-grading/.venv/bin; do
    [ -x "$folder/python" ] && PATH="$folder:$PATH"
done
unset folder
